/** What fails again and again is told of once, and once more when it works. */
export type Complaint = {
  readonly failed: (text: string) => void;
  /** `text` is told where a failure was told of before. */
  readonly worked: (text: string) => void;
};

export type Complaints = {
  readonly onError: (text: string) => void;
  readonly onMended: (text: string) => void;
};

export function createComplaint({ onError, onMended }: Complaints): Complaint {
  let failing = false;
  return {
    failed: (text) => {
      if (!failing) onError(text);
      failing = true;
    },
    worked: (text) => {
      if (failing) onMended(text);
      failing = false;
    },
  };
}
