/** What is kept of an address, and of a `User-Agent`: a proxy may hand on any text for one. */
const MAX_ADDRESS = 64;
const MAX_USER_AGENT = 120;
const MAX_REQUEST_ID = 64;

export function keptAddress(address: string): string {
  return startOf(address, MAX_ADDRESS);
}

export function keptAgent(userAgent: string): string {
  return startOf(userAgent, MAX_USER_AGENT);
}

export function keptRequestId(requestId: string): string {
  return startOf(requestId, MAX_REQUEST_ID);
}

/** In memory of its own: a part of a text would keep the whole text alive. */
function startOf(text: string, most: number): string {
  return text.length <= most ? text : Buffer.from(text.slice(0, most)).toString();
}
