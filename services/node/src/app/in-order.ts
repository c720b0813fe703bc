// SPDX-License-Identifier: Apache-2.0

/** Items of one stream that may be under way at once. */
const IN_FLIGHT_MAX = 64;

/**
 * Works on each item as it comes and yields the answers in the order of the items, reading on while
 * earlier ones wait. A refusal ends the stream; what came before it was done.
 */
export async function* inOrder<Item, Answer>(
  items: AsyncIterable<Item>,
  work: (item: Item) => Promise<Answer>,
): AsyncIterable<Answer> {
  const source = items[Symbol.asyncIterator]();
  const answers: Promise<Answer>[] = [];
  let next: Promise<IteratorResult<Item>> | undefined = source.next();
  while (next !== undefined || answers.length > 0) {
    if (next !== undefined && (await readsNext(answers, next))) {
      const item: IteratorResult<Item> = await next;
      next = item.done === true ? undefined : source.next();
      if (item.done !== true) answers.push(handled(start(work, item.value)));
      continue;
    }
    const answer = answers.shift();
    if (answer !== undefined) yield await answer;
  }
}

/** What is thrown at once is a refusal like any other. */
async function start<Item, Answer>(
  work: (item: Item) => Promise<Answer>,
  item: Item,
): Promise<Answer> {
  return work(item);
}

/** Whether the next item comes before the oldest answer, and there is room for it. */
async function readsNext(
  answers: readonly Promise<unknown>[],
  next: Promise<unknown>,
): Promise<boolean> {
  const oldest = answers[0];
  if (oldest === undefined) return true;
  if (answers.length >= IN_FLIGHT_MAX) return false;
  const answered = (): boolean => false;
  return Promise.race([oldest.then(answered, answered), next.then(() => true)]);
}

/** A refusal is thrown where the answer is awaited; until then it is not unhandled. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}
