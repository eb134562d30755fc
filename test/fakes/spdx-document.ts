/** Made-up SBOMs. Promise: valid SPDX 2.3 JSON; the same calls give the same bytes. */

export interface Component {
  readonly name: string
  readonly version: string
  readonly purl?: string
  readonly license?: string
}

/** An SPDX 2.3 document with these packages, and the image itself as its root. */
export function spdx(name: string, components: readonly Component[]): Uint8Array {
  const packages = components.map((component, index) => ({
    SPDXID: `SPDXRef-Package-${index}`,
    name: component.name,
    versionInfo: component.version,
    downloadLocation: 'NOASSERTION',
    licenseConcluded: 'NOASSERTION',
    licenseDeclared: component.license ?? 'NOASSERTION',
    externalRefs: component.purl === undefined ? [] : [{referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: component.purl}],
  }))
  return Buffer.from(
    JSON.stringify({
      spdxVersion: 'SPDX-2.3',
      dataLicense: 'CC0-1.0',
      SPDXID: 'SPDXRef-DOCUMENT',
      name,
      creationInfo: {created: '2026-03-02T08:00:00Z', creators: ['Tool: made-up']},
      packages: [{SPDXID: 'SPDXRef-Root', name, downloadLocation: 'NOASSERTION'}, ...packages],
      relationships: [{spdxElementId: 'SPDXRef-DOCUMENT', relatedSpdxElement: 'SPDXRef-Root', relationshipType: 'DESCRIBES'}],
    }),
  )
}
