import { type KeyboardEvent, type PointerEvent, useState } from 'react';
import type { UsageCount } from '../../api.js';
import { words } from '../../words/index.js';
import { dayName } from './day-name.js';

const STEPS: Record<string, number> = {
  ArrowLeft: -1,
  ArrowDown: -1,
  ArrowRight: 1,
  ArrowUp: 1,
  PageDown: -7,
  PageUp: 7,
  Home: -Infinity,
  End: Infinity,
};

/** Which day is looked at, as an index, by pointer or by keyboard; a slider, since a screen reader leaves that the arrow keys. */
export function useDayPicker(days: readonly UsageCount[], dayAt: (offsetX: number) => number) {
  const last = days.length - 1;
  const [index, setIndex] = useState<number>();
  const pick = (wanted: number) => setIndex(Math.min(last, Math.max(0, wanted)));
  const current = index ?? last;
  return {
    picked: index,
    slider: {
      role: 'slider',
      tabIndex: 0,
      'aria-label': words.usage.byDay,
      'aria-orientation': 'horizontal',
      'aria-valuemin': 1,
      'aria-valuemax': days.length,
      'aria-valuenow': current + 1,
      'aria-valuetext': inWords(days[current]!),
      onKeyDown: (event: KeyboardEvent) => {
        const step = STEPS[event.key];
        if (step === undefined) return;
        event.preventDefault();
        pick(current + step);
      },
      onFocus: () => pick(current),
      onBlur: () => setIndex(undefined),
      onPointerMove: ({ nativeEvent }: PointerEvent) => pick(dayAt(nativeEvent.offsetX)),
      onPointerDown: ({ nativeEvent }: PointerEvent) => pick(dayAt(nativeEvent.offsetX)),
      onPointerLeave: () => setIndex(undefined),
    },
  } as const;
}

function inWords({ from, accepted, limited }: UsageCount): string {
  return words.usage.onDay(dayName(from), accepted, limited);
}
