import { useState } from "preact/hooks";
import { ApiError, call, type ConvertResult } from "../api";
import { Badge } from "../parts/badge";
import { Findings } from "../parts/findings";
import { Trouble } from "../parts/load";
import { MappingView } from "../parts/mapping_view";
import { say } from "../words";

export function Convert() {
  const [result, setResult] = useState<ConvertResult | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const [text, setText] = useState("");
  const convert = async (body: BodyInit) => {
    setError(null);
    try {
      setResult(await call<ConvertResult>("/api/convert", { method: "POST", body, headers: { "Content-Type": "application/octet-stream" } }));
    } catch (reason) {
      setError(reason instanceof ApiError ? reason : new ApiError(500, String(reason)));
    }
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    const file = event.dataTransfer?.files[0];
    if (file) void convert(file);
  };
  return (
    <>
      <form onSubmit={(e) => { e.preventDefault(); void convert(text.replace(/\r?\n/g, text.startsWith("MSH") ? "\r" : "\n")); }}>
        <label for="paste">{say("paste")}</label>
        <textarea id="paste" rows={8} spellcheck={false} value={text} onInput={(e) => setText(e.currentTarget.value)}
          onDragOver={(e) => e.preventDefault()} onDrop={drop} />
        <button class="first" disabled={!text}>{say("convert it")}</button>
      </form>
      {error && <Trouble error={error} />}
      {result && (
        <>
          <p role="status">
            {result.event || result.format} <Badge kind={result.refusal ? "refused" : "good"}>{result.refusal ? say("refused") : say("accepted")}</Badge> {result.refusal}
          </p>
          <h2>{say("findings")} <small>{result.findings.length}</small></h2>
          <Findings findings={result.findings} />
          <MappingView ledger={result.ledger} bundle={result.bundle} />
        </>
      )}
    </>
  );
}
