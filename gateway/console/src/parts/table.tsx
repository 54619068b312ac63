// A table: on a narrow screen each row becomes a card whose cells carry their column's name.

import type { ComponentChildren } from "preact";
import { say } from "../words";

export interface Column<Row> {
  name: string;
  cell: (row: Row) => ComponentChildren;
  class?: string;
}

export function Table<Row>(props: { caption: string; columns: Column<Row>[]; rows: Row[]; }) {
  if (props.rows.length === 0) return <p class="empty">{say("nothing")}</p>;
  return (
    <table>
      <caption class="hidden">{props.caption}</caption>
      <thead>
        <tr>
          {props.columns.map((column) => (
            <th scope="col" class={column.class}>{column.name || <span class="hidden">{say("action")}</span>}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {props.rows.map((row) => (
          <tr>
            {props.columns.map((column) => (
              <td data-column={column.name} class={column.class}><div>{column.cell(row)}</div></td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
