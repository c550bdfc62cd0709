/* Bringing the items of a list into another order, by dragging and by key. What is dragged stays where it is until it is dropped; a line
 * shows where it would go. What is moved by key keeps the focus. */
import { ref, watch, type Ref } from 'vue'

export interface Dragging {
  from: Ref<number | null>
  over: Ref<number | null>
  start(index: number, event: DragEvent): void
  enter(index: number, event: DragEvent): void
  drop(event: DragEvent): void
  end(): void
}

export function useDragging(move: (from: number, to: number) => void): Dragging {
  const from = ref<number | null>(null)
  const over = ref<number | null>(null)
  const end = (): void => {
    from.value = null
    over.value = null
  }
  return {
    from, over, end,
    start(index, event) {
      from.value = index
      event.dataTransfer!.effectAllowed = 'move'
      event.dataTransfer!.setData('text/plain', '') // Firefox begins no dragging without data
    },
    enter(index, event) {
      if (from.value === null) return
      event.preventDefault()
      over.value = index
    },
    drop(event) {
      event.preventDefault()
      if (from.value !== null && over.value !== null && from.value !== over.value) move(from.value, over.value)
      end()
    },
  }
}

/** The item moved by key last has the focus again when the list has come back in its new order. */
export function useFollowing(list: () => Array<{ id: number }>, elementOf: (index: number) => HTMLElement | undefined) {
  let followed: number | null = null
  watch(list, (items) => {
    if (followed !== null) elementOf(items.findIndex((i) => i.id === followed))?.focus()
  }, { flush: 'post' })
  return { follow: (id: number): void => void (followed = id), leave: (): void => void (followed = null) }
}
