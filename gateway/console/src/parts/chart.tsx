// Lines over an axis of steps, drawn as SVG. Pointing at a step tells its value, choosing it asks for what lies behind; with a
// keyboard and without sight the chart is a list of figures in its label.

export interface Series {
  name: string;
  values: number[];
  other?: boolean; // drawn behind the first
  tag?: string; // written where the line ends
}

interface Props {
  series: Series[];
  label: string;
  steps: string[]; // what stands at each step
  height?: number;
  top?: number;
  percent?: boolean;
  stairs?: boolean; // a value holds until the next
  pick?: (step: number) => void;
}

const [width, left, bottom, tagHeight] = [460, 40, 22, 12];

function ceiling(value: number): number {
  const unit = 10 ** Math.floor(Math.log10(value || 1));
  return [1, 2, 2.5, 5, 10].map((n) => n * unit).find((n) => n >= value) ?? value;
}

export const tidy = (value: number): string => (value >= 100 ? Math.round(value) : Number(value.toPrecision(3))).toLocaleString();

export function Chart({ series, label, steps, height = 180, top, percent, stairs, pick }: Props) {
  const right = series.some((one) => one.tag) ? 36 : 10;
  const most = top ?? ceiling(Math.max(0, ...series.flatMap((one) => one.values)));
  const last = Math.max(1, steps.length - 1);
  const x = (step: number) => left + (step / last) * (width - left - right);
  const y = (value: number) => 6 + (1 - value / (most || 1)) * (height - bottom - 6);
  const show = (value: number) => (percent ? `${Math.round(value * 100)} %` : tidy(value));
  const path = (values: number[]) =>
    values.map((value, i) => (i > 0 && stairs ? `H${x(i)}V${y(value)}` : `${i ? "L" : "M"}${x(i)},${y(value)}`)).join("");
  // Tags stand where their lines end, apart enough to be read.
  const tags = series.flatMap(({ tag, values }) => (tag ? [{ tag, at: y(values.at(-1) ?? 0) }] : [])).sort((a, b) => a.at - b.at);
  tags.forEach((one, i) => { one.at = Math.max(one.at, (tags[i - 1]?.at ?? -tagHeight) + tagHeight); });
  const wide = (width - left - right) / last;
  const sorted = [...series].sort((a, b) => Number(b.other ?? false) - Number(a.other ?? false));
  return (
    <svg class="chart" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={`${label}: ${series.map((one) => `${one.name} ${show(one.values.at(-1) ?? 0)}`).join(", ")}`}>
      {[0, 0.5, 1].map((share) => (
        <>
          <line class="grid" x1={left} x2={width - right} y1={y(most * share)} y2={y(most * share)} />
          <text x={left - 6} y={y(most * share) + 4} text-anchor="end">{show(most * share)}</text>
        </>
      ))}
      <text x={left} y={height - 5}>{steps[0]}</text>
      <text x={width - right} y={height - 5} text-anchor="end">{steps.at(-1)}</text>
      {sorted.map((one) => <path class={one.other ? "series other" : "series"} d={path(one.values)} />)}
      {tags.map(({ tag, at }) => <text x={width - right + 5} y={at + 4}>{tag}</text>)}
      {steps.map((step, i) => (
        <rect class="at" x={x(i) - wide / 2} y={0} width={wide} height={height - bottom} onClick={() => pick?.(i)}>
          <title>{`${step}: ${series.map((one) => `${one.name} ${show(one.values[i] ?? 0)}`).join(", ")}`}</title>
        </rect>
      ))}
    </svg>
  );
}

// The last minute of a way in.
export function Spark({ values, label }: { values: number[]; label: string }) {
  const most = Math.max(1, ...values);
  const points = values.map((value, i) => `${(i / (values.length - 1 || 1)) * 90},${17 - (value / most) * 16}`).join(" ");
  return <svg class="spark" viewBox="0 0 90 18" role="img" aria-label={label}><polyline points={points} /></svg>;
}
