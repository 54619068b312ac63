// Results of one kind over time.

import { language, when } from "../words";
import { Chart } from "./chart";

export function Curve({ name, points }: { name: string; points: { at: number; value: number }[] }) {
  const days = points.map((p) => when(new Date(p.at).toISOString()).split(/[ ,]/)[0] ?? "");
  const last = points.at(-1)?.value.toLocaleString(language) ?? "";
  return (
    <figure>
      <figcaption>{name} <span class="quiet">{last}</span></figcaption>
      <Chart label={name} steps={days} series={[{ name, values: points.map((p) => p.value) }]} height={110} />
    </figure>
  );
}
