import { type DocumentNode, getOperationAST } from "graphql";
import type { Plugin } from "graphql-yoga";
import type { ShownProgram } from "../brands/kept-programs.ts";
import type { Context } from "../context.ts";
import type { RequestContext } from "./yoga.ts";

/**
 * Tells `keep` which programs an answer was made from, where it says nothing else and says the same to everyone
 * who has no token, whenever it is asked for: what is worked out from the time is not kept.
 */
export const noteShownPrograms: Plugin<object, RequestContext> = {
  onExecute({ args: { document, operationName, contextValue } }) {
    const context = contextValue as unknown as Context & RequestContext;
    if (!context.keep || context.actor || !asksForProgramsAlone(document, operationName)) return undefined;
    const shown = new Map<string, ShownProgram | undefined>();
    context.shownPrograms = shown;
    const { now } = context;
    let dependsOnTime = false;
    Object.defineProperty(context, "now", {
      get: () => {
        dependsOnTime = true;
        return now;
      },
    });
    return {
      onExecuteDone: ({ result }) => {
        if ("data" in result && !result.errors && !dependsOnTime) context.keep?.(shown);
      },
    };
  },
};

function asksForProgramsAlone(document: DocumentNode, operationName: string | null | undefined): boolean {
  const operation = getOperationAST(document, operationName);
  return (
    operation?.operation === "query" &&
    operation.selectionSet.selections.every(
      (selection) => selection.kind === "Field" && selection.name.value === "program",
    )
  );
}
