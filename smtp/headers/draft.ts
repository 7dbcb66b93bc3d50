/**
 * A header that is being changed, and the record of what was changed.
 *
 * @module
 */
import { type Addresses, readAddresses } from "./addresses.ts";
import type { Field, Header } from "./header.ts";
import { decodeUtf8, trimmed } from "./text.ts";

/** A change of fields of one name. */
export interface HeaderChange {
  /** As RFC 5322 spells it. */
  readonly field: FieldName;
  readonly action: "added" | "rewritten" | "removed";
  /** Number of fields. */
  readonly count: number;
}

/** A field that can be changed. */
export type FieldName = "From" | "Sender" | "Reply-To" | "Date" | "Message-ID";

/** The fields of a header in their order. */
export class HeaderDraft {
  #fields: readonly Field[];
  readonly #changes: { -readonly [key in keyof HeaderChange]: HeaderChange[key] }[] = [];

  readonly #read = new Map<string, Addresses>();

  constructor({ fields }: Header) {
    this.#fields = fields;
  }

  /** The changes so far. */
  get changes(): readonly HeaderChange[] {
    return this.#changes;
  }

  /** The header, without the empty line; one character for each octet. */
  get text(): string {
    return this.#fields.map(({ text }) => text).join("");
  }

  /** Returns the values of all fields of this name. */
  values(field: FieldName): string[] {
    return this.#fields.filter(({ name }) => name === field.toLowerCase())
      .map(({ text }) => valueOf(text));
  }

  /** Whether there is a field of this name with more than white space in it. */
  has(field: FieldName): boolean {
    return this.values(field).some((value) => trimmed(value) !== "");
  }

  /** Parses a value of From or Sender; each value once. */
  read(value: string): Addresses {
    const known = this.#read.get(value);
    if (known !== undefined) return known;
    const addresses = readAddresses(value);
    this.#read.set(value, addresses);
    return addresses;
  }

  /** Returns the addresses of all authors in these values, each once. */
  addressesIn(values: readonly string[]): string[] {
    const addresses = values.flatMap((value) => this.read(value).authors)
      .flatMap(({ address }) => address === undefined ? [] : [decodeUtf8(address)]);
    return [...new Set(addresses)];
  }

  /**
   * Changes the fields of this name.
   *
   * @param change Returns the new value of a field; undefined to remove it.
   */
  edit(field: FieldName, change: (value: string, index: number) => string | undefined): void {
    let index = 0;
    this.#fields = this.#fields.flatMap((old) => {
      if (old.name !== field.toLowerCase()) return [old];
      const before = valueOf(old.text);
      const value = change(before, index++);
      if (value === before) return [old];
      this.#count(value === undefined ? "removed" : "rewritten", field);
      return value === undefined ? [] : [fieldOf(field, value)];
    });
  }

  /** Sets a missing or empty field, in the place of the empty one or at the end. */
  complete(field: FieldName, value: string): void {
    if (this.values(field).length > 0) {
      this.edit(field, (old, index) => index === 0 ? value : old);
    } else {
      this.#count("added", field);
      this.#fields = [...this.#fields, fieldOf(field, value)];
    }
  }

  /** Adds a field behind the first one of another name. */
  addBehind(other: FieldName, field: FieldName, value: string): void {
    const index = this.#fields.findIndex(({ name }) => name === other.toLowerCase());
    this.#count("added", field);
    this.#fields = this.#fields.toSpliced(index + 1, 0, fieldOf(field, value));
  }

  #count(action: HeaderChange["action"], field: FieldName): void {
    const known = this.#changes.find((change) =>
      change.action === action && change.field === field
    );
    if (known === undefined) this.#changes.push({ field, action, count: 1 });
    else known.count++;
  }
}

/** Returns the text after the colon, without the last line end. */
function valueOf(text: string): string {
  return text.slice(text.indexOf(":") + 1, -2);
}

function fieldOf(field: FieldName, value: string): Field {
  return { name: field.toLowerCase(), text: `${field}: ${value}\r\n` };
}
