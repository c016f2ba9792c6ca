import { AggregatorRegistry } from 'prom-client';
import type { Metrics } from './protocol.js';

/** The metrics of all workers as one: each is added up, unless its `aggregator` says otherwise. */
export class SharedMetrics {
  private readonly latest = new Map<number, Metrics>();
  private ended: Metrics = [];

  /** What a worker has counted so far. */
  set(worker: number, metrics: Metrics): void {
    this.latest.set(worker, metrics);
  }

  /** Keeps what an ended worker had counted: a sum that goes down looks like a restart, and like a jump of every rate. */
  retire(worker: number): void {
    const metrics = this.latest.get(worker);
    this.latest.delete(worker);
    if (metrics === undefined) return;
    const counts = metrics.filter(({ type }) => String(type) !== 'gauge'); // a name, whatever its declaration says
    this.ended = AggregatorRegistry.aggregate([this.ended, counts]).getMetricsAsArray() as Metrics;
  }

  /** In Prometheus' format. */
  text(): Promise<string> {
    return AggregatorRegistry.aggregate([...this.latest.values(), this.ended]).metrics();
  }
}
