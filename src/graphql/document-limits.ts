import { type DocumentNode, type FragmentDefinitionNode, GraphQLError, type SelectionSetNode } from "graphql";

/** Bounds on a document's text and shape, checked before anything walks it at length. */
export const DOCUMENT_LIMITS = {
  bytes: 20_000,
  tokens: 3_000,
  fields: 500,
  aliases: 60,
  rootFields: 20,
  depth: 20,
};

interface Size {
  fields: number;
  aliases: number;
  depth: number;
}

/**
 * Refuses a document that would cost too much once its fragments are spread: each fragment is
 * measured once, so the check itself is linear in the document.
 *
 * @throws GraphQLError BAD_USER_INPUT that names the limit.
 */
export function refuseCostlyDocument(document: DocumentNode): void {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === "FragmentDefinition") fragments.set(definition.name.value, definition);
  }
  const measured = new Map<string, Size>();

  const sizeOfFragment = (name: string): Size => {
    const known = measured.get(name);
    if (known) return known;
    // A cycle measures as nothing here; validation names it.
    measured.set(name, { fields: 0, aliases: 0, depth: 0 });
    const fragment = fragments.get(name);
    const size = fragment ? sizeOf(fragment.selectionSet) : { fields: 0, aliases: 0, depth: 0 };
    measured.set(name, size);
    return size;
  };

  const sizeOf = ({ selections }: SelectionSetNode): Size => {
    const total: Size = { fields: 0, aliases: 0, depth: 0 };
    for (const selection of selections) {
      const isField = selection.kind === "Field";
      const inner =
        selection.kind === "FragmentSpread"
          ? sizeOfFragment(selection.name.value)
          : selection.selectionSet
            ? sizeOf(selection.selectionSet)
            : { fields: 0, aliases: 0, depth: 0 };
      total.fields += inner.fields + (isField ? 1 : 0);
      total.aliases += inner.aliases + (isField && selection.alias ? 1 : 0);
      total.depth = Math.max(total.depth, inner.depth + (isField ? 1 : 0));
    }
    return total;
  };

  for (const definition of document.definitions) {
    if (definition.kind !== "OperationDefinition" && definition.kind !== "FragmentDefinition") continue;
    const size = sizeOf(definition.selectionSet);
    const rootFields =
      definition.kind === "OperationDefinition" ? definition.selectionSet.selections.length : 0;
    const found = { ...size, rootFields };
    for (const limit of ["fields", "aliases", "depth", "rootFields"] as const) {
      if (found[limit] > DOCUMENT_LIMITS[limit]) {
        throw new GraphQLError(
          `The document is too large: its ${limit} come to ${found[limit]}, at most ${DOCUMENT_LIMITS[limit]} are allowed.`,
          { extensions: { code: "BAD_USER_INPUT" } },
        );
      }
    }
  }
}
