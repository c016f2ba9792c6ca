import type { FastifyInstance } from 'fastify';
import type { Metric, MetricObjectWithValues, MetricValue, Registry } from 'prom-client';

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
type Values = Omit<MetricObjectWithValues<MetricValue<string>>, 'collect'>;

/** Upper bounds of the buckets, in seconds. */
export const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** What is known of the requests with one method to one route. */
class Series {
  readonly byStatus = new Map<number, number>();
  /** How many were in each bucket, and past the last. */
  readonly buckets = new Float64Array(SECONDS.length + 1);
  seconds = 0;

  add(status: number, seconds: number): void {
    this.byStatus.set(status, (this.byStatus.get(status) ?? 0) + 1);
    let bucket = 0;
    while (bucket < SECONDS.length && seconds > SECONDS[bucket]!) bucket++;
    this.buckets[bucket]!++;
    this.seconds += seconds;
  }
}

/**
 * How many requests were answered, and how long they took. Counted in plain numbers that are made into metrics when they
 * are asked for: a counter and a histogram of prom-client took a tenth of the time of a request.
 */
export class RequestMetrics {
  private readonly routes = new Map<string, Map<string, Series>>();

  /** Counts every request of that server. */
  watch(fastify: FastifyInstance): void {
    fastify.addHook('onResponse', (request, reply, done) => {
      const method = METHODS.has(request.method) ? request.method : 'other';
      this.series(request.routeOptions.url ?? 'none', method).add(reply.statusCode, reply.elapsedTime / 1000);
      done();
    });
  }

  registerIn(registry: Registry): void {
    const register = (metric: () => Values) =>
      registry.registerMetric({ name: metric().name, get: async () => metric() } as unknown as Metric);
    register(() => this.counter());
    register(() => this.histogram());
  }

  private series(route: string, method: string): Series {
    let methods = this.routes.get(route);
    if (!methods) this.routes.set(route, (methods = new Map()));
    let series = methods.get(method);
    if (!series) methods.set(method, (series = new Series()));
    return series;
  }

  private all() {
    return [...this.routes].flatMap(([route, methods]) =>
      [...methods].map(([method, series]) => ({ labels: { method, route }, series })),
    );
  }

  private counter(): Values {
    return {
      name: 'latchkey_http_requests_total',
      help: 'Requests answered.',
      type: 'counter' as never,
      aggregator: 'sum',
      values: this.all().flatMap(({ labels, series }) =>
        [...series.byStatus].map(([status, value]) => ({ labels: { ...labels, status }, value })),
      ),
    };
  }

  private histogram(): Values {
    const name = 'latchkey_http_request_duration_seconds';
    const values = this.all().flatMap(({ labels, series }) => {
      let count = 0;
      const buckets = [...series.buckets].map((inBucket, i) => ({
        metricName: `${name}_bucket`,
        labels: { le: SECONDS[i] ?? '+Inf', ...labels },
        value: (count += inBucket),
      }));
      return [
        ...buckets,
        { metricName: `${name}_sum`, labels, value: series.seconds },
        { metricName: `${name}_count`, labels, value: count },
      ];
    });
    const help = 'From the first byte of a request to the last of its answer.';
    return { name, help, type: 'histogram' as never, aggregator: 'sum', values };
  }
}
