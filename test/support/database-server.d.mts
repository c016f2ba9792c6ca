export type Engine = 'mysql' | 'mariadb';
export interface Server {
  readonly url: string;
  start(): Promise<void>;
  stop(): Promise<void>;
  kill(): Promise<void>;
  remove(): Promise<void>;
}
export function findServer(engine: Engine): string | undefined;
export function startServer(
  engine: Engine,
  binary: string,
  options?: { durable?: boolean; options?: string[] },
): Promise<Server>;
export function freePort(): Promise<number>;
