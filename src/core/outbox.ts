/** placeholder of the lead, replaced within the hour */
/** How urgent a message is. Within one priority messages keep their order. */
export type Priority = 'low' | 'normal' | 'high' | 'critical'
