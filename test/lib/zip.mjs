// Reads a zip that fits in memory.
import zlib from 'node:zlib'

/** The texts of a zip's members by their names. */
export function unzip(bytes) {
  const members = {}
  const end = bytes.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'))
  let offset = bytes.readUInt32LE(end + 16)
  for (let i = 0; i < bytes.readUInt16LE(end + 10); i++) {
    const name = bytes.toString('utf8', offset + 46, offset + 46 + bytes.readUInt16LE(offset + 28))
    const local = bytes.readUInt32LE(offset + 42)
    const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28)
    const packed = bytes.subarray(start, start + bytes.readUInt32LE(offset + 20))
    members[name] = (bytes.readUInt16LE(offset + 10) ? zlib.inflateRawSync(packed) : packed).toString('utf8')
    offset += 46 + bytes.readUInt16LE(offset + 28) + bytes.readUInt16LE(offset + 30) + bytes.readUInt16LE(offset + 32)
  }
  return members
}
