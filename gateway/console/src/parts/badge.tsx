// States, verdicts and marks: a word, and how much it matters.

import type { ComponentChildren } from "preact";
import { say, type Word } from "../words";

export const Badge = ({ kind, children }: { kind: string; children: ComponentChildren }) => <span class={`badge ${kind}`}>{children}</span>;

export const verdicts = ["FAIL", "WARN", "INDETERMINATE", "MANUAL", "PASS", "N-A"] as const;
const verdictWords: Record<string, Word> = {
  FAIL: "fails", WARN: "warns", INDETERMINATE: "undecided", MANUAL: "by a person", PASS: "met", "N-A": "not concerned",
};
export const sayVerdict = (verdict: string): string => (verdictWords[verdict] ? say(verdictWords[verdict]) : verdict);
export const Verdict = ({ verdict }: { verdict: string }) => <Badge kind={verdict}>{sayVerdict(verdict)}</Badge>;

const markWords: Record<string, Word> = { fact: "fact", fit: "fit", model: "model", run: "counted" };
const markHelp: Record<string, Word> = { fact: "fact help", fit: "fit help", model: "model help", run: "counted help" };
export const Mark = ({ mark }: { mark: string }) => (
  <span class={`mark ${mark}`} title={markHelp[mark] ? say(markHelp[mark]) : undefined}>{markWords[mark] ? say(markWords[mark]) : mark}</span>
);

// Counts of verdicts as one bar; the numbers stand beside it.
export function VerdictBar({ counts }: { counts: Record<string, number> }) {
  return (
    <div class="bar" aria-hidden="true">
      {verdicts.filter((verdict) => verdict !== "N-A" && counts[verdict]).map((verdict) => (
        <span class={verdict} style={{ flex: counts[verdict] }} />
      ))}
    </div>
  );
}
