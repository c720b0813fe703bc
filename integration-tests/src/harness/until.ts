// SPDX-License-Identifier: Apache-2.0

const PAUSE_MS = 50;

/** Asks again and again until it is so. For what tells nobody when it happens. */
export async function until(
  what: string,
  isSo: () => Promise<boolean>,
  withinMs = 20_000,
): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
