export { createPanel, type Panel, type PanelSettings } from './server/create-panel.ts'
