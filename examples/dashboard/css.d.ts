/** Stylesheets are imported for their effect. */
declare module '*.css'
declare module 'uplink/styles.css'
