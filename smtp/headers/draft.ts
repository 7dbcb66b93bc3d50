/**
 * A header that is being changed, and the record of what was changed.
 *
 * @module
 */
import type { Field, Header } from "./header.ts";
import { trimmed } from "./latin1.ts";

/** A change of fields of one name. */
export interface HeaderChange {
  /** As RFC 5322 spells it. */
  readonly field: FieldName;
  readonly action: "added" | "rewritten" | "removed";
  /** How many fields. */
  readonly count: number;
}

/** A field that may be changed. */
export type FieldName = "From" | "Sender" | "Reply-To" | "Date" | "Message-ID";

/** The value of a field: what follows the colon, without the last line end. */
export function valueOf(text: string): string {
  return text.slice(text.indexOf(":") + 1, -2);
}

/** The fields of a header in their order. */
export class HeaderDraft {
  #fields: readonly Field[];
  readonly #changes: { -readonly [key in keyof HeaderChange]: HeaderChange[key] }[] = [];

  constructor({ fields }: Header) {
    this.#fields = fields;
  }

  /** What was changed so far. */
  get changes(): readonly HeaderChange[] {
    return this.#changes;
  }

  /** The header, without the empty line; one character for each octet. */
  get text(): string {
    return this.#fields.map(({ text }) => text).join("");
  }

  /** The values of all fields of this name. */
  values(field: FieldName): string[] {
    return this.#named(field).map(({ text }) => valueOf(text));
  }

  /** Whether there is a field of this name with more than white space in it. */
  has(field: FieldName): boolean {
    return this.values(field).some((value) => trimmed(value) !== "");
  }

  /** Writes another value into one field of this name, counted from 0. */
  rewrite(field: FieldName, index: number, value: string): void {
    const at = this.#fields.indexOf(this.#named(field)[index]!);
    this.#fields = this.#fields.with(at, this.#record("rewritten", field, value));
  }

  /** Sets a field that is missing or empty: where the empty one is, or behind all others. */
  complete(field: FieldName, value: string): void {
    if (this.#named(field).length > 0) return this.rewrite(field, 0, value);
    this.#fields = [...this.#fields, this.#record("added", field, value)];
  }

  /** Adds a field behind the first one of another name. */
  addBehind(other: FieldName, field: FieldName, value: string): void {
    const index = this.#fields.indexOf(this.#named(other)[0]!);
    this.#fields = this.#fields.toSpliced(index + 1, 0, this.#record("added", field, value));
  }

  /** Removes the fields of this name whose value is unwanted. */
  remove(field: FieldName, unwanted: (value: string, index: number) => boolean): void {
    let index = 0;
    this.#fields = this.#fields.filter(({ name, text }) => {
      const goes = name === field.toLowerCase() && unwanted(valueOf(text), index++);
      if (goes) this.#count("removed", field);
      return !goes;
    });
  }

  #record(action: HeaderChange["action"], field: FieldName, value: string): Field {
    this.#count(action, field);
    return { name: field.toLowerCase(), text: `${field}: ${value}\r\n` };
  }

  #count(action: HeaderChange["action"], field: FieldName): void {
    const known = this.#changes.find((change) =>
      change.action === action && change.field === field
    );
    if (known === undefined) this.#changes.push({ field, action, count: 1 });
    else known.count++;
  }

  #named(field: FieldName): Field[] {
    return this.#fields.filter(({ name }) => name === field.toLowerCase());
  }
}
