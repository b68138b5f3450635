import { encodeQR } from "qr"

interface QrCodeProps {
  readonly text: string
  readonly label: string
}

/** Drawn here, from the text alone: what it holds may be a secret. Dark on light in either colour scheme. */
export function QrCode({ label, text }: QrCodeProps) {
  const rows = encodeQR(text, "raw", { border: 3 })
  const dots = rows.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : [])))
  return (
    <svg viewBox={`0 0 ${rows.length} ${rows.length}`} width={200} height={200} shapeRendering="crispEdges">
      <title>{label}</title>
      <rect width="100%" height="100%" fill="#fff" rx={1} />
      <path d={dots.join("")} fill="#000" />
    </svg>
  )
}
