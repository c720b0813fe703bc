// SPDX-License-Identifier: Apache-2.0

/** A list that ends nowhere is a fault of the service; it must not fill our memory. */
const PAGES_MAX = 10_000;

/** Reads every page of a list. */
export async function readAllPages<Response extends { nextPageToken: string }, Item>(
  fetchPage: (pageToken: string) => Promise<Response>,
  itemsOf: (response: Response) => readonly Item[],
): Promise<Item[]> {
  const items: Item[] = [];
  let pageToken = "";
  for (let page = 0; page < PAGES_MAX; page++) {
    const response = await fetchPage(pageToken);
    items.push(...itemsOf(response));
    pageToken = response.nextPageToken;
    if (pageToken === "") break;
  }
  return items;
}
