/** The scrolled part of a list: its rows in groups with their counts, or why there are none. */
import type { JSX } from "preact";
import { useDesk } from "../app/useDesk";
import { Skeleton } from "../parts/Skeleton";
import type { Group } from "./groups";

interface Props<T> {
  label: string;
  groups: readonly Group<T>[];
  row: (of: T) => JSX.Element;
  nothing: JSX.Element;
}

export function GroupedRows<T>({ label, groups, row, nothing }: Props<T>): JSX.Element {
  const known = useDesk().store.lists.value.cursor !== null;
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={label}>
      {!known && <Skeleton of="rows" />}
      {groups.map(({ title, rows }) => (
        <section key={title} aria-label={title}>
          <div class="group">
            <span class="grow">{title}</span>
            <span>{rows.length}</span>
          </div>
          {rows.map(row)}
        </section>
      ))}
      {known && groups.length === 0 && nothing}
    </div>
  );
}
