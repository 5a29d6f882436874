import type { Contender } from "../support/contender.ts";
import { startPeer } from "../support/peer.ts";
import { type Seeded, startCopy } from "../support/seed.ts";
import { tesseraAsks } from "./tessera.ts";

/**
 * A GraphQL server on Node with the same types for the same documents, on the same kind of database.
 *
 * @param reading `one-sql` reads a view by one statement; `loaders` by fields, with DataLoader.
 */
export const startGraphqlServer =
  (server: "apollo" | "mercurius", reading: "one-sql" | "loaders") =>
  async (seeded: Seeded): Promise<Contender> => {
    const sqld = await startCopy(seeded);
    try {
      const peer = await startPeer(`${server}.ts`, {
        ...{ ...seeded.bindings, DATABASE_URL: sqld.url, READING: reading },
      });
      const { view, redeem } = tesseraAsks(seeded);
      return {
        url: peer.url,
        pids: () => [peer.pid, sqld.process.pid as number],
        asks: { view, redeem },
        stop: async () => {
          await peer.stop();
          await sqld.stop();
        },
      };
    } catch (error) {
      await sqld.stop();
      throw error;
    }
  };
