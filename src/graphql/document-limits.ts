import { type DocumentNode, type FragmentDefinitionNode, GraphQLError, type SelectionSetNode } from "graphql";

/** Bounds on a document's text and shape, checked before anything walks it at length. */
export const DOCUMENT_LIMITS = {
  bytes: 20_000,
  tokens: 3_000,
  fields: 580,
  aliases: 60,
  rootFields: 20,
  depth: 20,
};

interface Size {
  fields: number;
  /** The fields of its first level, those of spread fragments included. */
  top: number;
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
  const nothing: Size = { fields: 0, top: 0, aliases: 0, depth: 0 };

  const sizeOfFragment = (name: string): Size => {
    const known = measured.get(name);
    if (known) return known;
    // A cycle measures as nothing here; validation names it.
    measured.set(name, nothing);
    const fragment = fragments.get(name);
    const size = fragment ? sizeOf(fragment.selectionSet) : nothing;
    measured.set(name, size);
    return size;
  };

  const sizeOf = ({ selections }: SelectionSetNode): Size => {
    const total = { ...nothing };
    for (const selection of selections) {
      const isField = selection.kind === "Field";
      const inner =
        selection.kind === "FragmentSpread"
          ? sizeOfFragment(selection.name.value)
          : selection.selectionSet
            ? sizeOf(selection.selectionSet)
            : nothing;
      total.fields += inner.fields + (isField ? 1 : 0);
      total.top += isField ? 1 : inner.top;
      total.aliases += inner.aliases + (isField && selection.alias ? 1 : 0);
      total.depth = Math.max(total.depth, inner.depth + (isField ? 1 : 0));
    }
    return total;
  };

  for (const definition of document.definitions) {
    if (definition.kind !== "OperationDefinition" && definition.kind !== "FragmentDefinition") continue;
    const size = sizeOf(definition.selectionSet);
    const found = { ...size, rootFields: definition.kind === "OperationDefinition" ? size.top : 0 };
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
