/**
 * Told the status with which the route answered (500 when it did not): a message that failed may then be delivered
 * again. Adapters call it; whoever calls `auth.check` does it too. Never throws.
 */
export type Answered = (status: number) => void;
