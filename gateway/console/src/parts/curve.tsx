// Results of one kind over time: the latest value beside the name, the usual range behind the line.

import { language, when } from "../words";
import { Chart } from "./chart";

export interface Measured {
  name: string;
  unit: string;
  range?: [number, number];
  points: { at: string; value: number }[];
}

// "Glucose [Moles/Volume] Plasma ; Numérique" is called by its first words; the rest is there on asking.
const shortName = (name: string) => name.split(/ [[;(]/)[0] || name;

export function Curve({ name, unit, range, points }: Measured) {
  const days = points.map(({ at }) => when(at.slice(0, 10)));
  return (
    <figure>
      <figcaption title={name}><span>{shortName(name)}</span> <span class="latest">{points.at(-1)?.value.toLocaleString(language)} {unit}</span></figcaption>
      <Chart label={name} steps={days} series={[{ name: "", unit, values: points.map((p) => p.value) }]} width={300} height={104} range={range} fit />
    </figure>
  );
}
