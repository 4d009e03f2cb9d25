import { defineAsyncComponent } from 'vue'
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
import './slides.css'

/** All protocols' servers, checkers and sources: only the page that has it loads it. */
const Game = defineAsyncComponent(() => import('../../src/components/Game.vue'))
/** An editor and every case: as the game. */
const Laboratory = defineAsyncComponent(() => import('../../src/components/Laboratory.vue'))

const COMPONENTS = {
  CrossOver,
  Decide,
  FiguresTable,
  FirstScreen,
  Game,
  Laboratory,
  Measured,
  Predict,
  PredictCurve,
  Stage,
}

export default {
  extends: DefaultTheme,
  enhanceApp({ app }) {
    for (const [name, component] of Object.entries(COMPONENTS)) app.component(name, component)
  },
}
