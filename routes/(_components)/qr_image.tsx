import { qrCode } from "../../lib/qr/mod.ts";

/** A QR code, black on white in every theme: readers want the contrast. @throws {RangeError} if the text is too long. */
export function QrImage({ text, label }: { text: string; label: string }) {
  const { size, path } = qrCode(text);
  return (
    <svg
      class="qr-code"
      viewBox={`0 0 ${size} ${size}`}
      role="img"
      aria-label={label}
      shape-rendering="crispEdges"
    >
      <rect width={size} height={size} fill="#ffffff" />
      <path d={path} fill="#000000" />
    </svg>
  );
}
