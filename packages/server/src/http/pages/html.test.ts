import { expect, test } from "vitest"
import { html } from "./html.ts"

test("every value is escaped, in text and in attributes", () => {
  const hostile = `"><script>alert('1')</script>&amp;`
  expect(html`<p title="${hostile}">${hostile}</p>`.text).toBe(
    '<p title="&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;amp;">&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;amp;</p>',
  )
})

test("HTML inside HTML stays as it is, once, also in lists", () => {
  const items = ["<a>", "b"].map((item) => html`<i>${item}</i>`)
  expect(html`<b>${items}</b>`.text).toBe("<b><i>&lt;a&gt;</i><i>b</i></b>")
})

test("nothing stands for null and false, and a number for itself", () => {
  expect(html`a${null}b${false}c${0}d`.text).toBe("abc0d")
})

test("text that looks like HTML of ours is text", () => {
  const forged = JSON.parse('{"text": "<script>"}') as { text: string }
  expect(html`${forged.text}`.text).toBe("&lt;script&gt;")
})
