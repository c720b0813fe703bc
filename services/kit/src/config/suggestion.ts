// SPDX-License-Identifier: Apache-2.0
import type { core } from "zod";
import type { PathStep } from "./document.js";

/** `, did you mean bind_address?` when a known field at this place is written almost like that. */
export function suggestion(
  schema: core.$ZodType,
  path: readonly PathStep[],
  written: string,
): string {
  const near = fieldsAt([schema], path)
    .map((field) => ({ field, distance: editDistance(field, written) }))
    .filter(({ distance }) => distance <= Math.max(1, Math.floor(written.length / 3)))
    .toSorted((left, right) => left.distance - right.distance)[0];
  return near === undefined ? "" : `, did you mean ${near.field}?`;
}

function fieldsAt(schemas: readonly core.$ZodType[], path: readonly PathStep[]): string[] {
  const here = schemas.flatMap(alternatives);
  const [step, ...rest] = path;
  if (step !== undefined)
    return fieldsAt(
      here.flatMap((one) => child(one, step)),
      rest,
    );
  return here.flatMap((one) => {
    const { def } = (one as core.$ZodTypes)._zod;
    return def.type === "object" ? Object.keys(def.shape) : [];
  });
}

/** Looks through optional, default and union. */
function alternatives(schema: core.$ZodType): core.$ZodType[] {
  const { def } = (schema as core.$ZodTypes)._zod;
  switch (def.type) {
    case "optional":
    case "nullable":
    case "default":
    case "prefault":
    case "readonly":
      return alternatives(def.innerType);
    case "pipe":
      return alternatives(def.in);
    case "union":
      return def.options.flatMap(alternatives);
    default:
      return [schema];
  }
}

function child(schema: core.$ZodType, step: PathStep): core.$ZodType[] {
  const { def } = (schema as core.$ZodTypes)._zod;
  if (def.type === "object") {
    const field = def.shape[String(step)];
    return field === undefined ? [] : [field];
  }
  if (def.type === "array") return [def.element];
  return def.type === "record" ? [def.valueType] : [];
}

/** Levenshtein distance, one row at a time. */
function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (let i = 1; i <= left.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= right.length; j += 1) {
      const change = left[i - 1] === right[j - 1] ? 0 : 1;
      next.push(Math.min((next[j - 1] ?? 0) + 1, (row[j] ?? 0) + 1, (row[j - 1] ?? 0) + change));
    }
    row = next;
  }
  return row[right.length] ?? 0;
}
