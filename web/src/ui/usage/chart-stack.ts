import type { UsageCount } from '../../api.js';

const GAP = 2;

interface Box {
  readonly series: 'accepted' | 'limited';
  readonly y: number;
  readonly height: number;
}

/** The bars of one day, from below, with a gap between; none is too low to be seen. */
export function stackOf(day: UsageCount, y: (value: number) => number): Box[] {
  const boxes: Box[] = [];
  let floor = y(0);
  let sum = 0;
  for (const series of ['accepted', 'limited'] as const) {
    if (day[series] === 0) continue;
    sum += day[series];
    const height = Math.max(1, floor - y(sum));
    boxes.push({ series, y: floor - height, height });
    floor -= height + GAP;
  }
  return boxes;
}
