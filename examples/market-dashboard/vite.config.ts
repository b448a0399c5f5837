/** The market dashboard's own build: it uses the built library, as a user's would. */
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

export default defineConfig({
  plugins: [react()],
  base: './',
  build: { chunkSizeWarningLimit: 1_000 },
  // Test runners set another NODE_ENV, and would be shown React's development build.
  define: { 'process.env.NODE_ENV': '"production"' },
})
