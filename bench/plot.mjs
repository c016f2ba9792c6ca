// A bar for each row: requests a second, with a line from the least to the most of the rounds.
const WIDTH = 900;
const [LEFT, RIGHT, TOP, STEP, BAR] = [240, 190, 56, 30, 16];

/** The picture of a summary, as SVG. It has a ground of its own, and follows the reader's light or dark. */
export function plot({ date, rows }) {
  const height = TOP + rows.length * STEP + 16;
  const most = Math.max(...rows.map(({ perSecond }) => perSecond.max));
  const x = (value) => (LEFT + (value / most) * (WIDTH - LEFT - RIGHT)).toFixed(1);
  const bars = rows.map(({ name, title, perSecond, cpu }, i) => {
    const y = TOP + i * STEP;
    const middle = y + BAR / 2;
    const label = `${Math.round(perSecond.median).toLocaleString('en')}/s · ${cpu.median.toFixed(0)} µs CPU`;
    const ours = title.startsWith('Latchkey') ? ' class="ours"' : '';
    return `
  <g id="${name}">
    <text x="${LEFT - 12}" y="${middle + 5}" text-anchor="end">${title}</text>
    <rect${ours} x="${LEFT}" y="${y}" width="${(x(perSecond.median) - LEFT).toFixed(1)}" height="${BAR}" rx="2"/>
    <path d="M${x(perSecond.min)} ${middle}H${x(perSecond.max)}"/>
    <text x="${Number(x(perSecond.max)) + 10}" y="${middle + 5}">${label}</text>
  </g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="title">
  <title id="title">Requests a second on one core</title>
  <style>
    text { font: 13px system-ui, sans-serif; fill: #1f2328 }
    rect { fill: #9aa4af }
    rect.ground { fill: #ffffff }
    rect.ours { fill: #3b78d8 }
    path { stroke: #1f2328; stroke-width: 1.5 }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3 }
      rect { fill: #6e7781 }
      rect.ground { fill: #161b22 }
      path { stroke: #e6edf3 }
    }
  </style>
  <rect class="ground" width="${WIDTH}" height="${height}" rx="6"/>
  <text x="24" y="32" font-weight="600">Requests a second on one core, ${date.slice(0, 10)}: median, and least to most of the rounds</text>${bars.join('')}
</svg>
`;
}
