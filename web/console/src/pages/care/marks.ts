/* What in the text of a rule is replaced when it makes a task. */
export const marks = ['name', 'store', 'staff', 'days', 'date'] as const
