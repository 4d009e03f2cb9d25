import DefaultTheme from 'vitepress/theme'
import CrossOver from '../../src/components/CrossOver.vue'
import Decide from '../../src/components/Decide.vue'
import FiguresTable from '../../src/components/FiguresTable.vue'
import FirstScreen from '../../src/components/FirstScreen.vue'
import Measured from '../../src/components/Measured.vue'
import Predict from '../../src/components/Predict.vue'
import PredictCurve from '../../src/components/PredictCurve.vue'
import Stage from '../../src/components/Stage.vue'
import './quiet.css'
import './stage.css'
import './pages.css'

const COMPONENTS = { CrossOver, Decide, FiguresTable, FirstScreen, Measured, Predict, PredictCurve, Stage }

export default {
  extends: DefaultTheme,
  enhanceApp({ app }) {
    for (const [name, component] of Object.entries(COMPONENTS)) app.component(name, component)
  },
}
