/** The two parts of Deno that these examples use, for editors and type checks that do not know Deno. */
declare namespace Deno {
  const env: { get(name: string): string | undefined }
  function serve(handler: (request: Request) => Response | Promise<Response>): unknown
}
