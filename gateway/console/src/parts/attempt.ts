// Something that a person starts: whether it is under way, and why it did not work.

import { useState } from "preact/hooks";
import { ApiError } from "../api";

export interface Attempt {
  busy: boolean;
  error: ApiError | null;
  run: (work: () => Promise<unknown>) => void;
}

export const asError = (reason: unknown) => (reason instanceof ApiError ? reason : new ApiError(500, String(reason)));

export function useAttempt(): Attempt {
  const [state, setState] = useState<{ busy: boolean; error: ApiError | null }>({ busy: false, error: null });
  const run = (work: () => Promise<unknown>) => {
    setState({ busy: true, error: null });
    work().then(() => setState({ busy: false, error: null }), (reason) => setState({ busy: false, error: asError(reason) }));
  };
  return { ...state, run };
}
