let context: CanvasRenderingContext2D | null = null
const AXIS_SIZE = 12

/** How wide `text` is as a label of a chart's axis, in CSS pixels. */
export function textWidth(text: string): number {
  context ??= document.createElement('canvas').getContext('2d')
  if (!context) return text.length * AXIS_SIZE
  context.font = `${AXIS_SIZE}px ${getComputedStyle(document.documentElement).getPropertyValue('--font')}`
  return Math.ceil(context.measureText(text).width)
}
