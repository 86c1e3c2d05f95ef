import { parseDomFromString } from '@node-saml/node-saml/lib/xml.js'
import { SamlProblem } from './saml-problem.js'

/** As much of a DOM element as is read here. */
export interface XmlElement {
  nodeType: number
  localName: string | null
  namespaceURI: string | null
  textContent: string | null
  childNodes: { length: number; item(index: number): unknown }
  attributes: { length: number; item(index: number): { name: string; value: string } | null }
  getAttribute(name: string): string | null
  hasAttribute(name: string): boolean
  /** The markup of it. */
  toString(): string
}

const ELEMENT = 1
// Deeper is no message but an attempt to exhaust the stack of whoever reads it.
const MAX_DEPTH = 60
// What is neither element, text nor comment: document types and entities, CDATA, and processing instructions behind the first line.
const MARKUP_DECLARATION = /<!(?!--)/
const PROCESSING_INSTRUCTION = /<\?(?!xml\s)/i

/**
 * The document, by the parser of the SAML library itself, so that both see the same. What is read of it may only refuse a message: who came
 * is read from what a signature covers, and from nothing else.
 */
export async function readXml(xml: string): Promise<XmlElement> {
  if (MARKUP_DECLARATION.test(xml)) throw new SamlProblem('untrusted', 'the document has a DOCTYPE or another declaration')
  if (PROCESSING_INSTRUCTION.test(xml)) throw new SamlProblem('untrusted', 'the document has processing instructions')
  try {
    const { documentElement } = (await parseDomFromString(xml)) as unknown as { documentElement: XmlElement }
    return documentElement
  } catch (error) {
    throw new SamlProblem('malformed', 'the document is not well-formed XML', { cause: error })
  }
}

/** All elements below one and the one itself. Throws for a document that is too deep. */
export function allElements(root: XmlElement): XmlElement[] {
  const found: XmlElement[] = []
  const visit = (element: XmlElement, depth: number): void => {
    if (depth > MAX_DEPTH) throw new SamlProblem('untrusted', 'the document is nested too deeply')
    found.push(element)
    for (const child of childElements(element)) visit(child, depth + 1)
  }
  visit(root, 0)
  return found
}

export function childElements(element: XmlElement): XmlElement[] {
  const { childNodes } = element
  return Array.from({ length: childNodes.length }, (_, index) => childNodes.item(index) as XmlElement).filter(
    (node) => node.nodeType === ELEMENT,
  )
}

export function isNamed(element: XmlElement, namespace: string, name: string): boolean {
  return element.namespaceURI === namespace && element.localName === name
}

/** Text of the element without white space around it. */
export function textOf(element: XmlElement | undefined): string {
  return (element?.textContent ?? '').trim()
}
