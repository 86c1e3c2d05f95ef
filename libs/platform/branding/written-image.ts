/** A picture as we wrote it. */
export interface ReadImage {
  type: 'image/png' | 'image/jpeg'
  width: number
  height: number
  /** As we serve it. */
  bytes: Buffer
}
