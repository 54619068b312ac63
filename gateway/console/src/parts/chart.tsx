// Lines over an axis of steps, drawn as SVG. Pointing at a step tells its values below, choosing it asks for what lies
// behind; with a keyboard the arrows go from step to step and Enter chooses.

import { useState } from "preact/hooks";
import { language } from "../words";

export interface Series {
  name: string; // empty: what the chart is called
  unit?: string;
  values: number[];
  other?: boolean; // drawn behind the first
  tag?: string; // written where the line ends
}

interface Props {
  series: Series[];
  label: string;
  steps: string[]; // what stands at each step
  width?: number;
  height?: number;
  top?: number;
  fit?: boolean; // the axis holds the values alone, not zero
  range?: [number, number]; // between which values are usual
  percent?: boolean;
  stairs?: boolean; // a value holds until the next
  pick?: (step: number) => void;
}

const [left, above, bottom, tagHeight] = [40, 6, 22, 12];

function ceiling(value: number): number {
  const unit = 10 ** Math.floor(Math.log10(value || 1));
  return [1, 2, 2.5, 5, 10].map((n) => n * unit).find((n) => n >= value) ?? value;
}

// The least and the most that the axis shows.
function axisOf({ series, top, fit, range }: Props): [number, number] {
  const values = series.flatMap((one) => one.values);
  if (!fit) return [0, top ?? ceiling(Math.max(0, ...values))];
  const [least, most] = [Math.min(...values, ...(range ?? [])), Math.max(...values, ...(range ?? []))];
  const room = (most - least || Math.abs(most) || 1) * 0.15;
  return [least >= 0 ? Math.max(0, least - room) : least - room, most + room];
}

export const tidy = (value: number): string => (value >= 100 ? Math.round(value) : Number(value.toPrecision(3))).toLocaleString(language);

// Where the lines end, apart enough to be read and none below the axis.
function spread(ends: { tag: string; at: number }[], lowest: number): { tag: string; at: number }[] {
  const tags = [...ends].sort((a, b) => a.at - b.at);
  tags.forEach((one, i) => { one.at = Math.max(one.at, (tags[i - 1]?.at ?? -tagHeight) + tagHeight); });
  for (let i = tags.length - 1, most = lowest; i >= 0; i--, most -= tagHeight) tags[i]!.at = Math.min(tags[i]!.at, most);
  return tags;
}

export function Chart(props: Props) {
  const { series, label, steps, width = 460, height = 180, range, percent, stairs, pick } = props;
  const [chosen, setChosen] = useState<number | null>(null);
  const right = series.some((one) => one.tag) ? 36 : 10;
  const [least, most] = axisOf(props);
  const end = steps.length - 1;
  const step = chosen ?? end;
  const wide = (width - left - right) / Math.max(1, end);
  const x = (at: number) => left + at * wide;
  const y = (value: number) => above + (1 - (value - least) / (most - least || 1)) * (height - bottom - above);
  const show = (value: number) => (percent ? `${Math.round(value * 100)} %` : tidy(value));
  const path = (values: number[]) =>
    values.map((value, i) => (i > 0 && stairs ? `H${x(i)}V${y(value)}` : `${i ? "L" : "M"}${x(i)},${y(value)}`)).join("");
  const tags = spread(series.flatMap(({ tag, values }) => (tag ? [{ tag, at: y(values.at(-1) ?? 0) }] : [])), y(least));
  const sorted = [...series].sort((a, b) => Number(b.other ?? false) - Number(a.other ?? false));
  const told = `${steps[step] ?? ""}: ${series.map((one) => [one.name, show(one.values[step] ?? 0), one.unit].filter(Boolean).join(" ")).join(", ")}`;
  const onKey = (e: KeyboardEvent) => {
    const to = { ArrowLeft: step - 1, ArrowRight: step + 1, Home: 0, End: end }[e.key];
    if (to !== undefined) setChosen(Math.min(end, Math.max(0, to)));
    else if (e.key === "Enter" && pick) pick(step);
    else return;
    e.preventDefault();
  };
  return (
    <div class={pick ? "plot leads" : "plot"} tabIndex={0} role="group" aria-label={label} onKeyDown={onKey} onMouseLeave={() => setChosen(null)} onBlur={() => setChosen(null)}>
      <svg class="chart" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={`${label}: ${told}`}>
        {range && <rect class="range" x={left} width={width - left - right} y={y(range[1])} height={Math.max(0, y(range[0]) - y(range[1]))} />}
        {[least, (least + most) / 2, most].map((value) => (
          <>
            <line class="grid" x1={left} x2={width - right} y1={y(value)} y2={y(value)} />
            <text x={left - 6} y={y(value) + 4} text-anchor="end">{show(value)}</text>
          </>
        ))}
        <text x={left} y={height - 5}>{steps[0]}</text>
        {end > 0 && <text x={width - right} y={height - 5} text-anchor="end">{steps[end]}</text>}
        {chosen !== null && <line class="cursor" x1={x(chosen)} x2={x(chosen)} y1={above} y2={height - bottom} />}
        {sorted.map((one) => <path class={one.other ? "series other" : "series"} d={path(one.values)} />)}
        {props.fit && series.map((one) => one.values.map((value, i) => <circle class="point" cx={x(i)} cy={y(value)} r={2.5} />))}
        {tags.map(({ tag, at }) => <text x={width - right + 5} y={at + 4}>{tag}</text>)}
        {steps.map((_, i) => <rect class="at" x={x(i) - wide / 2} y={0} width={wide} height={height - bottom} onMouseEnter={() => setChosen(i)} onClick={() => pick?.(i)} />)}
      </svg>
      <p class="told-at" aria-live="polite">{told}</p>
    </div>
  );
}

// The last minute of a way in.
export function Spark({ values, label }: { values: number[]; label: string }) {
  const most = Math.max(1, ...values);
  const points = values.map((value, i) => `${(i / (values.length - 1 || 1)) * 90},${17 - (value / most) * 16}`).join(" ");
  return <svg class="spark" viewBox="0 0 90 18" role="img" aria-label={label}><polyline points={points} /></svg>;
}
