// Labels: what was granted and whether it holds; granting one for a version, with what is let go and why.

import { useState } from "preact/hooks";
import { post } from "../api";
import { useAttempt } from "../parts/attempt";
import { Badge, Verdict } from "../parts/badge";
import { Dialog } from "../parts/dialog";
import { Trouble } from "../parts/load";
import { Table } from "../parts/table";
import { say, sayWeight } from "../words";
import type { Matrix, Row } from "./evidence";

export interface Label {
  id?: string;
  file: string;
  product?: string;
  version?: string;
  suite?: string;
  granted?: string;
  expires?: string;
  waivers?: { requirement: string; reason: string }[];
  open?: string[]; // what no machine decides
  broken: string | null;
}

// What keeps a label from being granted, unless it is let go; the gateway asks the same again.
const standsInTheWay = (row: Row) => row.verdict === "FAIL" || (row.verdict === "INDETERMINATE" && row.means === "automatic");

function Waiver({ row, reason, set }: { row: Row; reason: string; set: (reason: string) => void }) {
  const isBlocking = row.weight === "blocking";
  return (
    <li>
      <p><strong>{row.requirement}</strong> <Verdict verdict={row.verdict} /> <span class="quiet">{sayWeight(row.weight ?? "")}</span><br />{row.sentence}</p>
      {isBlocking ? <p class="alert">{say("blocks label")}</p>
        : <label>{say("waived because")}<input value={reason} onInput={(e) => set(e.currentTarget.value)} /></label>}
    </li>
  );
}

// Grants the label of the version that the matrix shows.
export function Grant({ matrix, granted }: { matrix: Matrix; granted: () => void }) {
  const [isOpen, setOpen] = useState(false);
  const [reasons, setReasons] = useState<Record<string, string>>({});
  const [expires, setExpires] = useState("");
  const { busy, error, run } = useAttempt();
  const suite = matrix.inputs.at(-1)?.suite ?? "";
  const inTheWay = matrix.rows.filter(standsInTheWay);
  const waivers = inTheWay.flatMap(({ requirement }) => {
    const reason = reasons[requirement]?.trim();
    return reason ? [{ requirement, reason }] : [];
  });
  const grant = async () => {
    const { product, version } = matrix;
    await post("/api/evidence/labels", JSON.stringify({ product, version, suite, ...(expires && { expires }), waivers }));
    setOpen(false);
    granted();
  };
  return (
    <>
      <button onClick={() => setOpen(true)}>{say("grant label")}</button>
      {isOpen && (
        <Dialog title={say("label for", `${matrix.product} ${matrix.version}`)} close={() => setOpen(false)}>
          <form onSubmit={(e) => { e.preventDefault(); run(grant); }}>
            <p>{inTheWay.length === 0 ? say("nothing in the way") : say("in the way", inTheWay.length)}</p>
            <ul class="waivers">
              {inTheWay.map((row) => <Waiver key={row.requirement} row={row} reason={reasons[row.requirement] ?? ""} set={(reason) => setReasons({ ...reasons, [row.requirement]: reason })} />)}
            </ul>
            <p class="filters"><label>{say("valid until")}<input type="date" value={expires} onInput={(e) => setExpires(e.currentTarget.value)} /></label></p>
            {error && <Trouble error={error} />}
            <p class="actions"><button class="first" disabled={busy || waivers.length < inTheWay.length}>{say("sign label")}</button><button type="button" onClick={() => setOpen(false)}>{say("cancel")}</button></p>
          </form>
        </Dialog>
      )}
    </>
  );
}

export function Labels({ labels, revoked }: { labels: Label[]; revoked: () => void }) {
  const { error, run } = useAttempt();
  const revoke = (label: Label) => {
    if (confirm(say("confirm revoke", `${label.product} ${label.version}`))) run(() => post(`/api/evidence/labels/${label.id}/revoke`).then(revoked));
  };
  return (
    <>
      <h2>{say("labels")} <small>{labels.length}</small></h2>
      {error && <Trouble error={error} />}
      <Table
        caption={say("labels")}
        rows={labels}
        columns={[
          { name: say("product"), cell: (l) => <a href={`#/evidence?${new URLSearchParams({ product: l.product ?? "", version: l.version ?? "" })}`}>{l.product ?? l.file} {l.version ?? ""}</a> },
          { name: say("suite"), cell: (l) => l.suite },
          { name: say("granted"), cell: (l) => l.granted, class: "nowrap" },
          { name: say("expires"), cell: (l) => l.expires ?? "–", class: "nowrap" },
          { name: say("state"), cell: (l) => (l.broken ? <Badge kind="FAIL">{l.broken}</Badge> : <Badge kind="good">{say("holds")}</Badge>) },
          { name: say("waived"), cell: (l) => l.waivers?.map((w) => <div><strong>{w.requirement}</strong> {w.reason}</div>) },
          { name: say("left to a person"), cell: (l) => l.open?.join(", ") },
          { name: "", cell: (l) => l.id && !l.broken && <button onClick={() => revoke(l)}>{say("revoke")}</button>, class: "act" },
        ]}
      />
    </>
  );
}
