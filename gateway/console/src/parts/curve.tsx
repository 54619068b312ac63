// A small line of values over time, drawn as SVG; the numbers stand beside it for who cannot see it.

import { when } from "../words";

export function Curve({ name, points }: { name: string; points: { at: number; value: number }[] }) {
  const [width, height, edge] = [320, 80, 8];
  const times = points.map((p) => p.at), values = points.map((p) => p.value);
  const [first, last, low, high] = [Math.min(...times), Math.max(...times), Math.min(...values), Math.max(...values)];
  const x = (at: number) => edge + ((at - first) / (last - first || 1)) * (width - 2 * edge);
  const y = (value: number) => height - edge - ((value - low) / (high - low || 1)) * (height - 2 * edge);
  return (
    <figure>
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={`${name}: ${points.map((p) => p.value).join(", ")}`}>
        <polyline points={points.map((p) => `${x(p.at)},${y(p.value)}`).join(" ")} />
        {points.map((p) => <circle cx={x(p.at)} cy={y(p.value)} r="3"><title>{`${when(new Date(p.at).toISOString())}: ${p.value}`}</title></circle>)}
      </svg>
      <figcaption>{name}: {low} – {high}</figcaption>
    </figure>
  );
}
