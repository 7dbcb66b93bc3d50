const ADDRESS = /(https?:\/\/[^\s<>"]*[\w/])/;

/** The operator's notice to everybody; web addresses in it are links. */
export function SiteNotice({ text }: { text: string | undefined }) {
  if (text === undefined) return null;
  // A bare text in a list would be escaped twice.
  return (
    <p class="site-notice" role="note">
      {text.split(ADDRESS).map((part, index) =>
        index % 2 === 1 ? <a key={index} href={part}>{part}</a> : <span key={index}>{part}</span>
      )}
    </p>
  );
}
