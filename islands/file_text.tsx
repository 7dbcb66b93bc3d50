import { useEffect, useState } from "preact/hooks";

interface FileTextProps {
  /** Id of the text area that takes the text. */
  target: string;
  label: string;
}

/** Reads a text file into a text area. The file goes nowhere else. */
export default function FileText({ target, label }: FileTextProps) {
  const [ready, setReady] = useState(false);
  useEffect(() => setReady(true), []);
  return (
    <label class={ready ? "file-text" : "file-text waiting"}>
      {label}
      <input
        type="file"
        accept=".csv,.txt,text/csv,text/plain"
        onChange={({ currentTarget: { files } }) => void fill(target, files?.[0])}
      />
    </label>
  );
}

async function fill(target: string, file: File | undefined): Promise<void> {
  const area = document.getElementById(target);
  if (!file || !(area instanceof HTMLTextAreaElement)) return;
  area.value = decode(await file.arrayBuffer());
  area.focus();
}

/** As `decodeList()` does: spreadsheets write UTF-8, UTF-16 with its mark, or Windows-1252. */
function decode(octets: ArrayBuffer): string {
  const [first, second] = new Uint8Array(octets);
  if (first === 0xff && second === 0xfe) return new TextDecoder("utf-16le").decode(octets);
  const text = new TextDecoder().decode(octets);
  return text.includes("\ufffd") ? new TextDecoder("windows-1252").decode(octets) : text;
}
