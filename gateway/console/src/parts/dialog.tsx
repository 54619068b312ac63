// A question over the page. The browser keeps the focus within it and gives it back to where it was.

import { useEffect, useRef } from "preact/hooks";
import type { ComponentChildren } from "preact";

export function Dialog({ title, close, children }: { title: string; close: () => void; children: ComponentChildren }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const [shown, before] = [dialog.current, document.activeElement as HTMLElement | null];
    shown?.showModal();
    return () => {
      shown?.close();
      before?.focus();
    };
  }, []);
  return (
    <dialog ref={dialog} aria-labelledby="dialog-title" onCancel={(e) => { e.preventDefault(); close(); }}>
      <h2 id="dialog-title">{title}</h2>
      {children}
    </dialog>
  );
}
