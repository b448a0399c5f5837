/** `uplink/testing/react`: renders components with a simulated server. React and `@testing-library/react`. */
export { createStage, renderWithUplink } from './render.tsx'
export type { Stage, StageOptions } from './render.tsx'
