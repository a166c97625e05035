/** The product's mark: a voice in a rounded square. */
export function Mark({ className = 'size-8' }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true" className={className}>
      <rect width="32" height="32" rx="9" className="fill-accent" />
      <g className="stroke-on-accent" strokeWidth="2.6" strokeLinecap="round">
        <path d="M8.5 14v4" />
        <path d="M13.5 10v12" />
        <path d="M18.5 12.5v7" />
        <path d="M23.5 14.6v2.8" />
      </g>
    </svg>
  );
}
